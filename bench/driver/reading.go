package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// request repeats one request; @@I@@ in path or body becomes a zero-padded pseudo-random number below Vary.
func request(j *Job) (Outcome, error) {
	return load(j, func(c *Connection, _ int, seq int64) (int64, error) {
		path, body := j.Path, j.Body
		if j.Vary > 0 {
			n := fmt.Sprintf("%05d", mix(uint64(seq))%uint64(j.Vary))
			path, body = strings.ReplaceAll(path, "@@I@@", n), strings.ReplaceAll(body, "@@I@@", n)
		}
		status, answer, err := c.Do(j.Method, path, "application/json", []byte(body))
		if err != nil {
			return 0, err
		}
		if status != 200 {
			return 0, fmt.Errorf("%s %s: HTTP %d: %s", j.Method, path, status, snippet(answer))
		}
		if j.Expect != "" && !bytes.Contains(answer, []byte(j.Expect)) {
			return 0, fmt.Errorf("%s %s: no %q in %s", j.Method, path, j.Expect, snippet(answer))
		}
		return 1, nil
	}), nil
}

// walk follows the page tokens of runs/search for as many pages as asked.
func walk(j *Job) (Outcome, error) {
	var body map[string]any
	if err := json.Unmarshal([]byte(j.Body), &body); err != nil {
		return Outcome{}, err
	}
	seen := map[string]bool{}
	pages := 0
	o, err := sequence(j, func(c *Connection, o *Outcome) (bool, error) {
		question, err := json.Marshal(body)
		if err != nil {
			return false, err
		}
		answer, err := j.post(c, "/runs/search", question)
		if err != nil {
			return false, err
		}
		var page struct {
			Runs []struct {
				Info struct {
					RunID string `json:"run_id"`
				} `json:"info"`
			} `json:"runs"`
			Next string `json:"next_page_token"`
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return false, err
		}
		for _, run := range page.Runs {
			seen[run.Info.RunID] = true
		}
		o.Items += int64(len(page.Runs))
		body["page_token"] = page.Next
		pages++
		return page.Next != "" && pages < j.Pages, nil
	})
	o.DistinctRun = len(seen)
	return o, err
}

// historyLoad writes MaxOps batches of 1,000 points of one metric of one run, whose id it returns.
func historyLoad(j *Job) (Outcome, error) {
	ids, err := j.createRuns(1)
	if err != nil {
		return Outcome{}, err
	}
	buffers := make([][]byte, j.Connections)
	o := load(j, func(c *Connection, w int, seq int64) (int64, error) {
		b := append(buffers[w][:0], `{"run_id":"`...)
		b = append(b, ids[0]...)
		b = append(b, `",`...)
		b = appendMetrics(b, 1000, 1, seq*1000)
		b = append(b, '}')
		buffers[w] = b
		_, err := j.post(c, "/runs/log-batch", b)
		return 1000, err
	})
	o.RunID = ids[0]
	return o, nil
}

const tokenLooksBytes = 500

// history reads the whole history of one metric by pages of 25,000 points.
func history(j *Job) (Outcome, error) {
	first := j.Prefix + "/metrics/get-history?run_id=" + j.RunID + "&metric_key=metric_0&max_results=25000"
	path := first
	return sequence(j, func(c *Connection, o *Outcome) (bool, error) {
		status, answer, err := c.Do("GET", path, "", nil)
		if err != nil {
			return false, err
		}
		if status != 200 {
			return false, fmt.Errorf("get-history: HTTP %d: %s", status, snippet(answer))
		}
		o.Items += int64(bytes.Count(answer, []byte(`"timestamp"`)))
		// The token stands after or before the list, which is long.
		token := field(answer[max(0, len(answer)-tokenLooksBytes):], "next_page_token")
		if token == "" {
			token = field(answer[:min(tokenLooksBytes, len(answer))], "next_page_token")
		}
		path = first + "&page_token=" + url.QueryEscape(token)
		return token != "", nil
	})
}

package main

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
)

// post sends JSON to a path of the API and returns the answer; any status but 200 is an error.
func (j *Job) post(c *Connection, path string, body []byte) ([]byte, error) {
	status, answer, err := c.Do("POST", j.Prefix+path, "application/json", body)
	if err == nil && status != 200 {
		err = fmt.Errorf("POST %s: HTTP %d: %s", path, status, snippet(answer))
	}
	return answer, err
}

func snippet(b []byte) string { return string(b[:min(len(b), 300)]) }

// field finds the string value of the first field with a name, without parsing the rest.
func field(b []byte, name string) string {
	_, b, found := bytes.Cut(b, []byte(`"`+name+`"`))
	quote := bytes.IndexByte(b, '"')
	if !found || quote < 0 || quote > 8 {
		return ""
	}
	value, _, found := bytes.Cut(b[quote+1:], []byte(`"`))
	if !found {
		return ""
	}
	return string(value)
}

func (j *Job) createRun(c *Connection, name string, start int64) (string, error) {
	answer, err := j.post(c, "/runs/create", []byte(fmt.Sprintf(
		`{"experiment_id":%q,"run_name":%q,"start_time":%d}`, j.Experiment, name, start)))
	if err != nil {
		return "", err
	}
	id := field(answer, "run_id")
	if id == "" {
		return "", fmt.Errorf("runs/create: no run_id in %s", snippet(answer))
	}
	return id, nil
}

// createRuns makes n runs over a few connections, outside the measure.
func (j *Job) createRuns(n int) ([]string, error) {
	ids, workers := make([]string, n), min(n, 4)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := 0; w < workers; w++ {
		wg.Add(1)
		go func(w int) {
			defer wg.Done()
			c, err := NewConnection(j.Base)
			if err != nil {
				errs[w] = err
				return
			}
			defer c.Close()
			for i := w; i < n && err == nil; i += workers {
				ids[i], err = j.createRun(c, "pool-"+strconv.Itoa(i), baseTime)
			}
			errs[w] = err
		}(w)
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// logMetric sends one metric a request; each connection logs to a run of its own.
func logMetric(j *Job) (Outcome, error) {
	ids, err := j.createRuns(j.Connections)
	if err != nil {
		return Outcome{}, err
	}
	steps, buffers := make([]int64, j.Connections), make([][]byte, j.Connections)
	return load(j, func(c *Connection, w int, _ int64) (int64, error) {
		step := steps[w]
		steps[w]++
		b := append(buffers[w][:0], `{"run_id":"`...)
		b = append(b, ids[w]...)
		b = append(b, `","key":"loss","value":`...)
		b = strconv.AppendFloat(b, 1/float64(step+1), 'g', -1, 64)
		b = append(b, `,"timestamp":`...)
		b = strconv.AppendInt(b, baseTime+step, 10)
		b = append(b, `,"step":`...)
		b = strconv.AppendInt(b, step, 10)
		b = append(b, '}')
		buffers[w] = b
		_, err := j.post(c, "/runs/log-metric", b)
		return 1, err
	}), nil
}

const keysABatch = 10

// logBatch sends metrics (10 keys x steps) and params. Params are written once, so with them every request goes to a
// fresh run out of MaxOps made before.
func logBatch(j *Job) (Outcome, error) {
	runs := j.Connections
	if j.Params > 0 {
		runs = int(j.MaxOps)
	}
	ids, err := j.createRuns(runs)
	if err != nil {
		return Outcome{}, err
	}
	steps, buffers := make([]int64, j.Connections), make([][]byte, j.Connections)
	return load(j, func(c *Connection, w int, seq int64) (int64, error) {
		id := ids[w]
		if j.Params > 0 {
			id = ids[seq]
		}
		b := append(buffers[w][:0], `{"run_id":"`...)
		b = append(b, id...)
		b = append(b, `",`...)
		b = appendMetrics(b, j.Metrics, keysABatch, steps[w])
		steps[w] += int64((j.Metrics + keysABatch - 1) / keysABatch)
		if j.Params > 0 {
			b = append(b, ',')
			b = appendParams(b, j.Params, seq)
		}
		b = append(b, '}')
		buffers[w] = b
		_, err := j.post(c, "/runs/log-batch", b)
		return int64(j.Metrics + j.Params), err
	}), nil
}

// lifecycle creates a run, logs a batch to it and finishes it.
func lifecycle(j *Job) (Outcome, error) {
	buffers := make([][]byte, j.Connections)
	return load(j, func(c *Connection, w int, seq int64) (int64, error) {
		i := j.First + seq
		id, err := j.createRun(c, fmt.Sprintf("run-%07d", i), baseTime+i)
		if err != nil {
			return 0, err
		}
		buffers[w] = runBody(buffers[w][:0], id, i)
		if _, err := j.post(c, "/runs/log-batch", buffers[w]); err != nil {
			return 0, err
		}
		_, err = j.post(c, "/runs/update", []byte(fmt.Sprintf(
			`{"run_id":%q,"status":"FINISHED","end_time":%d}`, id, baseTime+i+1000)))
		return 1, err
	}), nil
}

// The load driver of the benchmark: reads one job (JSON) on stdin, drives a server that speaks MLflow's REST API with
// it, and prints one outcome (JSON) on stdout. An outcome with "failed" means that nothing could be measured.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
)

// Job says what to drive. A job is bounded by Seconds, by MaxOps, or by both.
type Job struct {
	Job         string  `json:"job"`
	Base        string  `json:"base"`
	Prefix      string  `json:"prefix"`
	Connections int     `json:"connections"`
	Seconds     float64 `json:"seconds"`
	WarmUp      float64 `json:"warmUpSeconds"`
	MaxOps      int64   `json:"maxOps"`
	MinOps      int64   `json:"minOps"`

	Experiment string `json:"experiment"`
	RunID      string `json:"runId"`
	Metrics    int    `json:"metrics"`
	Params     int    `json:"params"`
	First      int64  `json:"first"` // first number of the runs or models made

	Method string `json:"method"`
	Path   string `json:"path"` // absolute; @@I@@ becomes a number in [0, Vary)
	Body   string `json:"body"`
	Vary   int64  `json:"vary"`
	Expect string `json:"expect"` // text that every answer must hold
	Pages  int    `json:"pages"`

	Size  int64 `json:"size"`  // bytes of a file
	Files int64 `json:"files"` // how many files the puts and gets go round
}

var jobs = map[string]func(*Job) (Outcome, error){
	"log-metric":   logMetric,
	"log-batch":    logBatch,
	"lifecycle":    lifecycle,
	"history-load": historyLoad,
	"history":      history,
	"request":      request,
	"walk":         walk,
	"put":          put,
	"get":          get,
	"put-files":    putFiles,
	"get-files":    getFiles,
	"models":       models,
}

func main() {
	job := Job{Connections: 1}
	if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
		fail(err)
	}
	work, ok := jobs[job.Job]
	if !ok {
		fail(fmt.Errorf("unknown job %q", job.Job))
	}
	outcome, err := work(&job)
	if err != nil {
		fail(err)
	}
	json.NewEncoder(os.Stdout).Encode(outcome)
}

func fail(err error) {
	json.NewEncoder(os.Stdout).Encode(map[string]string{"failed": err.Error()})
	os.Exit(1)
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

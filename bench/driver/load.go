package main

import (
	"math"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// Outcome of one measure. Rates are over the time from the start of the first counted operation to the end of the last.
type Outcome struct {
	Ops         int64     `json:"ops"`
	AllOps      int64     `json:"allOps"` // with those of the warm-up, which cost the server CPU as well
	Items       int64     `json:"items"`
	Errors      int64     `json:"errors"`
	Error       string    `json:"error,omitempty"`
	Seconds     float64   `json:"seconds"`
	OpsPerS     float64   `json:"opsPerS"`
	ItemsPerS   float64   `json:"itemsPerS"`
	Reconnects  int       `json:"reconnects,omitempty"`
	P50         float64   `json:"p50Ms"`
	P95         float64   `json:"p95Ms"`
	P99         float64   `json:"p99Ms"`
	Max         float64   `json:"maxMs"`
	DriverCPU   float64   `json:"driverCpuS"`
	Each        []float64 `json:"eachMs,omitempty"`
	RunID       string    `json:"runId,omitempty"`
	DistinctRun int       `json:"distinctRuns,omitempty"`
}

// Operation number seq of a load, done by one of the workers. Returns how many items it moved.
type Operation func(c *Connection, worker int, seq int64) (items int64, err error)

// What one connection saw.
type part struct {
	latencies   []float64
	all         int64
	items       int64
	errors      int64
	error       string
	first, last time.Time
	reconnects  int
}

// givesUpAfter errors without one success.
const givesUpAfter = 20

// load keeps the job's connections busy with op until its seconds have passed or its operations are done. A measure
// bound by time goes on past its end until MinOps were started, but at most four times as long: slow answers need
// samples too. Operations that begin during the warm-up are not counted.
func load(j *Job, op Operation) Outcome {
	parts := make([]part, j.Connections)
	var seq atomic.Int64
	var wg sync.WaitGroup
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	countFrom := time.Now().Add(seconds(j.WarmUp))
	deadline, hard := countFrom.Add(seconds(j.Seconds)), countFrom.Add(seconds(4*j.Seconds))
	cpu := cpuSeconds()
	work := func(w int, p *part) {
		defer wg.Done()
		c, err := NewConnection(j.Base)
		if err != nil {
			p.errors, p.error = 1, err.Error()
			return
		}
		defer c.Close()
		for {
			began := time.Now()
			if j.Seconds > 0 && began.After(deadline) && (seq.Load() >= j.MinOps || began.After(hard)) {
				break
			}
			n := seq.Add(1) - 1
			if j.MaxOps > 0 && n >= j.MaxOps {
				break
			}
			items, err := op(c, w, n)
			ended := time.Now()
			if err == nil {
				p.all++
			}
			if began.Before(countFrom) {
				continue
			}
			if p.first.IsZero() {
				p.first = began
			}
			p.last = ended
			if err != nil {
				p.errors++
				p.error = err.Error()
				if p.errors > givesUpAfter && len(p.latencies) == 0 {
					break
				}
				continue
			}
			p.latencies = append(p.latencies, milliseconds(ended.Sub(began)))
			p.items += items
		}
		p.reconnects = c.Reconnects
	}
	for w := range parts {
		wg.Add(1)
		go work(w, &parts[w])
	}
	wg.Wait()
	return summed(parts, cpuSeconds()-cpu)
}

func summed(parts []part, cpu float64) Outcome {
	o := Outcome{DriverCPU: cpu}
	var latencies []float64
	var first, last time.Time
	for i := range parts {
		p := &parts[i]
		latencies = append(latencies, p.latencies...)
		o.AllOps += p.all
		o.Items += p.items
		o.Errors += p.errors
		o.Reconnects += p.reconnects
		if p.error != "" {
			o.Error = p.error
		}
		if p.last.After(last) {
			last = p.last
		}
		if !p.first.IsZero() && (first.IsZero() || p.first.Before(first)) {
			first = p.first
		}
	}
	o.rate(int64(len(latencies)), last.Sub(first))
	o.quantiles(latencies)
	return o
}

func (o *Outcome) rate(ops int64, took time.Duration) {
	o.Ops = ops
	if ops == 0 || took <= 0 {
		return
	}
	o.Seconds = took.Seconds()
	o.OpsPerS = float64(o.Ops) / o.Seconds
	o.ItemsPerS = float64(o.Items) / o.Seconds
}

func (o *Outcome) quantiles(latencies []float64) {
	if len(latencies) == 0 {
		return
	}
	sorted := append([]float64(nil), latencies...)
	sort.Float64s(sorted)
	at := func(q float64) float64 { return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)] }
	o.P50, o.P95, o.P99, o.Max = at(.50), at(.95), at(.99), sorted[len(sorted)-1]
}

// sequence does one operation after the other on one connection until it says that there are no more.
func sequence(j *Job, next func(c *Connection, o *Outcome) (more bool, err error)) (Outcome, error) {
	var o Outcome
	c, err := NewConnection(j.Base)
	if err != nil {
		return o, err
	}
	defer c.Close()
	cpu, began := cpuSeconds(), time.Now()
	for more := true; more; {
		t := time.Now()
		if more, err = next(c, &o); err != nil {
			return o, err
		}
		o.Each = append(o.Each, milliseconds(time.Since(t)))
	}
	o.rate(int64(len(o.Each)), time.Since(began))
	o.AllOps = o.Ops
	o.quantiles(o.Each)
	o.DriverCPU = cpuSeconds() - cpu
	return o, nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

package main

import (
	"bytes"
	"fmt"
	"io"
)

// Items of these jobs are bytes.

const blockBytes = 1 << 20

func stored(status int) bool { return status == 200 || status == 201 || status == 204 }

// put uploads large files made of one repeated block.
func put(j *Job) (Outcome, error) {
	block := noise(blockBytes)
	return load(j, func(c *Connection, _ int, seq int64) (int64, error) {
		var answer []byte
		status, err := c.Stream(exchange{
			method: "PUT", path: j.file(seq), contentType: "application/octet-stream", size: j.Size,
			write: func(w io.Writer) error {
				for left := j.Size; left > 0; {
					n, err := w.Write(block[:min(left, blockBytes)])
					if err != nil {
						return err
					}
					left -= int64(n)
				}
				return nil
			},
			sink: func(p []byte) { answer = append(answer, p...) },
		})
		if err == nil && !stored(status) {
			err = fmt.Errorf("PUT: HTTP %d: %s", status, snippet(answer))
		}
		return j.Size, err
	}), nil
}

// get downloads large files and compares every byte with what put wrote.
func get(j *Job) (Outcome, error) {
	block := noise(blockBytes)
	return load(j, func(c *Connection, _ int, seq int64) (int64, error) {
		var n int64
		same := true
		status, err := c.Stream(exchange{method: "GET", path: j.file(seq), sink: func(p []byte) {
			for len(p) > 0 {
				expected := block[n%blockBytes:]
				k := min(len(expected), len(p))
				same = same && bytes.Equal(expected[:k], p[:k])
				n += int64(k)
				p = p[k:]
			}
		}})
		if err == nil && (status != 200 || n != j.Size || !same) {
			err = fmt.Errorf("GET: HTTP %d, %d of %d bytes, same=%v", status, n, j.Size, same)
		}
		return n, err
	}), nil
}

func putFiles(j *Job) (Outcome, error) {
	content := noise(j.Size)
	return load(j, func(c *Connection, _ int, seq int64) (int64, error) {
		status, answer, err := c.Do("PUT", j.file(seq), "application/octet-stream", content)
		if err == nil && !stored(status) {
			err = fmt.Errorf("PUT: HTTP %d: %s", status, snippet(answer))
		}
		return j.Size, err
	}), nil
}

func getFiles(j *Job) (Outcome, error) {
	content := noise(j.Size)
	return load(j, func(c *Connection, _ int, seq int64) (int64, error) {
		status, answer, err := c.Do("GET", j.file(seq), "", nil)
		if err == nil && (status != 200 || !bytes.Equal(answer, content)) {
			err = fmt.Errorf("GET: HTTP %d, %d bytes", status, len(answer))
		}
		return j.Size, err
	}), nil
}

// file is the path of file number seq, going round j.Files.
func (j *Job) file(seq int64) string { return fmt.Sprintf("%s/%05d.bin", j.Path, seq%j.Files) }

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	requestTimeout = 300 * time.Second
	// Up to here head and body go out in one write.
	oneWriteBytes = 256 << 10
)

// Connection is a minimal HTTP/1.1 keep-alive client: one TCP connection, one request at a time. net/http costs several
// times more CPU per request, and on a small machine the driver must not compete with the server.
type Connection struct {
	address, base string
	tcp           net.Conn
	reader        *bufio.Reader
	out, body     []byte
	served        int // requests answered on the present TCP connection
	Reconnects    int
}

func NewConnection(baseURL string) (*Connection, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" {
		return nil, fmt.Errorf("only http:// is supported, got %q", baseURL)
	}
	address := u.Host
	if u.Port() == "" {
		address += ":80"
	}
	return &Connection{address: address, base: strings.TrimRight(u.Path, "/")}, nil
}

func (c *Connection) dial() error {
	tcp, err := net.DialTimeout("tcp", c.address, 10*time.Second)
	if err != nil {
		return err
	}
	c.tcp, c.served = tcp, 0
	if c.reader == nil {
		c.reader = bufio.NewReaderSize(tcp, 64<<10)
	} else {
		c.reader.Reset(tcp)
	}
	return nil
}

func (c *Connection) Close() {
	if c.tcp != nil {
		c.tcp.Close()
		c.tcp = nil
	}
}

var errStale = errors.New("the server closed the kept-alive connection")

// Exchange is one request: its body is written by write, its answer is handed over to sink piece by piece.
type exchange struct {
	method, path, contentType string
	size                      int64
	write                     func(io.Writer) error
	sink                      func([]byte)
}

// Do sends one request and returns the whole body of the answer, which is valid until the next call.
func (c *Connection) Do(method, path, contentType string, body []byte) (int, []byte, error) {
	c.body = c.body[:0]
	status, err := c.Stream(exchange{
		method: method, path: path, contentType: contentType, size: int64(len(body)),
		write: func(w io.Writer) error { _, err := w.Write(body); return err },
		sink:  func(p []byte) { c.body = append(c.body, p...) },
	})
	return status, c.body, err
}

// Stream sends one request; once more on a new connection when the server had closed the kept-alive one.
func (c *Connection) Stream(e exchange) (int, error) {
	for attempt := 0; ; attempt++ {
		if c.tcp == nil {
			if err := c.dial(); err != nil {
				return 0, err
			}
		}
		status, err := c.once(e)
		if err == nil {
			return status, nil
		}
		c.Close()
		if errors.Is(err, errStale) && attempt == 0 {
			c.Reconnects++
			continue
		}
		return status, err
	}
}

func (c *Connection) once(e exchange) (int, error) {
	c.tcp.SetDeadline(time.Now().Add(requestTimeout))
	head := c.head(e)
	left := e.size
	if left > 0 && left <= oneWriteBytes {
		whole := bytes.NewBuffer(head)
		if err := e.write(whole); err != nil {
			return 0, err
		}
		head, left = whole.Bytes(), 0
	}
	c.out = head
	if _, err := c.tcp.Write(head); err != nil {
		return 0, c.stale(err)
	}
	if left > 0 {
		if err := e.write(c.tcp); err != nil {
			return 0, err
		}
	}
	for { // past 1xx answers
		status, err := c.answer(e)
		if err != nil || status >= 200 {
			c.served++
			return status, err
		}
	}
}

func (c *Connection) head(e exchange) []byte {
	b := append(c.out[:0], e.method...)
	b = append(b, ' ')
	b = append(b, c.base...)
	b = append(b, e.path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.address...)
	b = append(b, "\r\nAccept: */*\r\nUser-Agent: bench\r\n"...)
	if e.size > 0 || e.method != "GET" {
		b = append(b, "Content-Type: "...)
		b = append(b, e.contentType...)
		b = append(b, "\r\nContent-Length: "...)
		b = strconv.AppendInt(b, e.size, 10)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

func (c *Connection) stale(err error) error {
	if c.served > 0 {
		return fmt.Errorf("%w: %v", errStale, err)
	}
	return err
}

func (c *Connection) answer(e exchange) (int, error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, c.stale(err)
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, fmt.Errorf("bad status line %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length, chunked, closing := int64(-1), false, line[7] == '0'
	for {
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return status, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		key, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			continue
		}
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(key, []byte("content-length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return status, err
			}
		case bytes.EqualFold(key, []byte("transfer-encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(key, []byte("connection")):
			closing = bytes.EqualFold(value, []byte("close"))
		}
	}
	switch {
	case status < 200 || status == 204 || status == 304 || e.method == "HEAD":
	case chunked:
		err = c.copyChunks(e.sink)
	case length >= 0:
		err = c.copyBytes(length, e.sink)
	default:
		closing = true
		err = c.copyRest(e.sink)
	}
	if closing {
		c.Close()
	}
	return status, err
}

func (c *Connection) copyChunks(sink func([]byte)) error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		hex, _, _ := strings.Cut(strings.TrimSpace(string(line)), ";")
		n, err := strconv.ParseInt(hex, 16, 64)
		if err != nil {
			return err
		}
		if err := c.copyBytes(n, sink); err != nil {
			return err
		}
		if _, err := c.reader.Discard(2); err != nil || n == 0 {
			return err
		}
	}
}

func (c *Connection) copyBytes(n int64, sink func([]byte)) error {
	for n > 0 {
		want := min(n, int64(c.reader.Size()))
		if buffered := int64(c.reader.Buffered()); buffered > 0 {
			want = min(want, buffered)
		}
		p, err := c.reader.Peek(int(want))
		if len(p) == 0 && err != nil {
			return err
		}
		sink(p)
		c.reader.Discard(len(p))
		n -= int64(len(p))
	}
	return nil
}

func (c *Connection) copyRest(sink func([]byte)) error {
	var buffer [32 << 10]byte
	for {
		n, err := c.reader.Read(buffer[:])
		sink(buffer[:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

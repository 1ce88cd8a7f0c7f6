// Package members has every kind of declaration.
package members

import (
	"context"
	"fmt"
	. "strings"
	_ "embed"
	str "strconv"
	"example.com/shop/internal/money"
	pb "example.com/shop/api/v2"
)
import "errors"

const Pi, name = 3.14, "é 😀"

const (
	Low Level = iota
	Mid
	_
	High = 1 << iota
)

type (
	Level  int
	Alias  = money.Amount
	Point  struct{ X, Y int }
	Option func(*Server) error
)

// Server embeds, tags and nests.
type Server struct {
	*money.Ledger
	Point
	pb.UnimplementedShop
	Name    string `json:"name,omitempty"`
	handler func(ctx context.Context, args ...any) (int, error)
	inner   struct{ depth [3][]map[string]chan<- int }
}

type Reader interface {
	fmt.Stringer
	~int | ~string
	Read(p []byte) (n int, err error)
	Close() error
}

var (
	_       Reader = (*Server)(nil)
	a, b           = 1, 'x'
	ErrGone        = errors.New("gone")
	table          = map[string]Point{"origin": {0, 0}, "unit": {X: 1}}
)

func init() { a++ }
func init() { b, a = 1, b }

func New(options ...Option) (s *Server, err error) {
	s = &Server{Name: "x", Point: Point{1, 2}}
	for i, option := range options {
		if err := option(s); err != nil {
			return nil, fmt.Errorf("option %d: %w", i, err)
		}
	}
	defer s.Close()
	go func(n int) { s.run(n) }(1)
	return
}

func (s *Server) Close() error { return s.Ledger.Close() }
func (Point) String() string   { return ToUpper(str.Itoa(1)) }
func (s Server) run(limit int) (total int) {
	defer func() { _ = recover() }()
	method, expression := s.Close, (*Server).run
	_, _ = method, expression
loop:
	for total < limit {
		switch x := s.handler; {
		case x == nil && limit > 0, total == 1:
			fallthrough
		case total > 2 || false:
			break loop
		default:
			continue loop
		}
	}
	var reader any = s
	switch r := reader.(type) {
	case Reader, nil:
	case interface{ Run() }:
		r.Run()
	}
	messages := make(chan int, 1)
	select {
	case messages <- 1:
	case value, ok := <-messages:
		if ok {
			total += value
		} else if value != 0 {
			goto done
		}
	}
done:
	var grid [2][]int = [2][]int{{1}, {2, 3}}
	return len(grid[0][1:]) + s.X + int(Low) + len(reader.(fmt.Stringer).String()[0:1])
}

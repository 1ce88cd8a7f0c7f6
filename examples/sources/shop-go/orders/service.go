// Package orders takes and pays orders.
package orders

import (
	"context"
	"errors"
	"sync"

	"example.com/shop/catalog"
	"example.com/shop/internal/store"
)

// ErrUnknown names a product that is not for sale.
var ErrUnknown = errors.New("unknown product")

// Clerk hears about paid orders.
type Clerk interface{ Notify(*Order) }

// Option changes a service at its creation.
type Option func(*Service)

// Service is the one place that changes orders.
type Service struct {
	products *store.Store[string, catalog.Product]
	clerk    Clerk
	limit    chan struct{}
	next     int
}

// WithLimit bounds how many orders are paid at once.
func WithLimit(n int) Option {
	return func(s *Service) { s.limit = make(chan struct{}, n) }
}

// WithClerk sets who is told.
func WithClerk(clerk Clerk) Option { return func(s *Service) { s.clerk = clerk } }

// New makes a service.
func New(products *store.Store[string, catalog.Product], options ...Option) *Service {
	s := &Service{products: products, next: 1}
	for _, option := range append([]Option{WithLimit(1)}, options...) {
		option(s)
	}
	return s
}

// Open starts an order of one of each.
func (s *Service) Open(skus []string) (*Order, error) {
	order := &Order{Number: s.next}
	s.next++
	for _, sku := range skus {
		product, ok := s.products.Get(sku)
		if !ok {
			return nil, ErrUnknown
		}
		order.Lines = append(order.Lines, Line{product, 1})
	}
	return order, nil
}

func (s *Service) pay(order *Order) error {
	for _, line := range order.Lines {
		switch product := line.Product.(type) {
		case *catalog.Goods:
			if !product.Take(line.Count) {
				return errors.New("out of stock")
			}
		default:
			continue
		}
	}
	order.Status = Paid
	if s.clerk != nil {
		s.clerk.Notify(order)
	}
	return nil
}

// PayAll pays orders side by side and returns the first error.
func (s *Service) PayAll(ctx context.Context, orders ...*Order) (err error) {
	var (
		wait sync.WaitGroup
		once sync.Once
	)
	pay := s.pay
	for _, order := range orders {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s.limit <- struct{}{}:
		}
		wait.Add(1)
		go func(order *Order) {
			defer wait.Done()
			defer func() { <-s.limit }()
			if failure := pay(order); failure != nil {
				once.Do(func() { err = failure })
			}
		}(order)
	}
	wait.Wait()
	return
}

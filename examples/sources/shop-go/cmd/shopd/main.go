// Command shopd sells tea.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"example.com/shop/catalog"
	. "example.com/shop/internal/money"
	"example.com/shop/internal/store"
	svc "example.com/shop/orders"
)

var (
	size  = flag.Int("size", 16, "how many orders may wait")
	quiet bool
)

func init() {
	flag.BoolVar(&quiet, "quiet", false, "print nothing")
}

func run(ctx context.Context, skus ...string) error {
	products := store.New[string, catalog.Product]()
	tea := catalog.NewGoods("tea", "Grüner Tee 🍵", Euro(450), 5)
	products.Put(tea.SKU(), tea)
	products.Put("guide", &catalog.Download{Item: catalog.Item{Name: "Guide"}})

	service := svc.New(products, svc.WithLimit(*size), svc.WithClerk(printer{}))
	order, err := service.Open(skus)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return service.PayAll(ctx, order)
}

type printer struct{}

func (printer) Notify(o *svc.Order) {
	if !quiet {
		fmt.Println(o)
	}
}

func main() {
	flag.Parse()
	if err := run(context.Background(), flag.Args()...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

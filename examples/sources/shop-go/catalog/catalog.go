// Package catalog describes what is for sale.
package catalog

import (
	"fmt"

	"example.com/shop/internal/money"
)

// Kind says how a product reaches the customer.
type Kind int

const (
	KindGoods Kind = iota
	KindDownload
	_
	kindCount
)

// Flags are bits.
const (
	Hidden uint8 = 1 << iota
	Sale
)

// Product is whatever has a price.
type Product interface {
	fmt.Stringer
	SKU() string
	Price() money.Amount
	Kind() Kind
}

// Item is what all products share.
type Item struct {
	Name  string `json:"name"`
	sku   string
	price money.Amount
	flags uint8
}

// SKU identifies the item.
func (i *Item) SKU() string { return i.sku }

// Price is net.
func (i *Item) Price() money.Amount { return i.price }

func (i *Item) String() string {
	if i.flags&Hidden != 0 {
		return "(hidden)"
	}
	return i.Name
}

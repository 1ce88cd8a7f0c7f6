package orders

import (
	"fmt"
	"strings"

	"example.com/shop/catalog"
	"example.com/shop/internal/money"
)

// Status is where an order stands.
type Status uint8

const (
	Open Status = iota
	Paid
	Shipped
)

var names = [...]string{Open: "open", Paid: "paid", Shipped: "shipped"}

func (s Status) String() string { return names[s] }

// Line is one product of an order.
type Line struct {
	catalog.Product
	Count int
}

// Order is what one customer wants.
type Order struct {
	Number int
	Lines  []Line
	Status
}

// Total is what the customer pays.
func (o *Order) Total() (money.Amount, error) {
	prices := make([]money.Amount, len(o.Lines))
	for i, line := range o.Lines {
		prices[i] = line.Price().Times(line.Count)
	}
	return money.Sum(prices...)
}

func (o *Order) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "#%d %v", o.Number, o.Status)
	for _, line := range o.Lines {
		text.WriteString(" " + line.Product.String())
	}
	return text.String()
}

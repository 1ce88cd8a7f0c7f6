package catalog

import "example.com/shop/internal/money"

// Goods ship, as long as they last.
type Goods struct {
	Item
	stock int
}

// Download never runs out.
type Download struct{ Item }

var (
	_ Product = (*Goods)(nil)
	_ Product = &Download{}
)

// NewGoods makes goods with some stock.
func NewGoods(sku, name string, price money.Amount, stock int) *Goods {
	return &Goods{Item: Item{Name: name, sku: sku, price: price}, stock: stock}
}

// Kind implements Product.
func (*Goods) Kind() Kind { return KindGoods }

// Kind implements Product.
func (*Download) Kind() Kind { return KindDownload }

// Take removes from the stock and says whether there was enough.
func (g *Goods) Take(count int) bool {
	if g.stock < count {
		return false
	}
	g.stock -= count
	return true
}

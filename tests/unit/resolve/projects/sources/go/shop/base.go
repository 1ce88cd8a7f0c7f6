package shop

type Base struct{}

func (b *Base) Log() {}

type Item interface{ Price() int }

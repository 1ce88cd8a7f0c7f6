package embed

import "io"

type Log struct {
	io.Writer
	*Base
}

type Base struct{ Name string }

func (b *Base) Title() string { return b.Name }

func (l Log) Close() error { l.Title(); return nil }

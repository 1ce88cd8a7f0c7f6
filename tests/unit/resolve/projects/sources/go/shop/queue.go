package shop

type Queue struct {
	Base
	items []Item
}

func New() *Queue { return build() }

func build() *Queue { return &Queue{} }

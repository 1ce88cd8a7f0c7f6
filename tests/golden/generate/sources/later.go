//go:build linux

package later

type Walker interface {
	Walk(node *Node) error
}

type Base = Node

func Start() error {
	switch node := Make().(type) {
	case Walker:
		return node.Walk(root)
	default:
		go func() { Make() }()
	}
	names := map[string]int{"é 😀": 1}
	for name := range names {
		names[name]++
	}
	return nil
}

// Make stands below its use.
func Make() any { return new(Node) }

var root = &Node{Left: &Node{}}

type Node struct{ Left, Right *Node }

package forward

func First() (Late, int) {
	return second(), Limit
}

func second() Late { return Late{name: "é"} }

const Limit = 2

type Late struct{ name string }

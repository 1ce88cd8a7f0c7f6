package money

// Sum adds all amounts; nothing is zero euro.
func Sum(amounts ...Amount) (Amount, error) {
	if len(amounts) == 0 {
		return Euro(0), nil
	}
	total := amounts[0]
	for _, amount := range amounts[1:] {
		var err error
		if total, err = total.Plus(amount); err != nil {
			return Amount{}, err
		}
	}
	return total, nil
}

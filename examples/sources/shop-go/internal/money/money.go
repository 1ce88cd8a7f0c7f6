// Package money holds exact amounts.
package money

import (
	"errors"
	"fmt"
)

// Currency is an ISO 4217 code.
type Currency string

const (
	EUR Currency = "EUR"
	JPY Currency = "JPY"
)

// ErrCurrency says that two amounts do not mix.
var ErrCurrency = errors.New("different currencies")

// Amount counts minor units.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Cents is another name for Amount.
type Cents = Amount

// Euro makes an amount of cents.
func Euro(cents int64) Amount { return Amount{cents, EUR} }

// Plus adds, or fails when the currencies differ.
func (a Amount) Plus(b Amount) (sum Amount, err error) {
	if a.Currency != b.Currency {
		err = fmt.Errorf("%w: %s, %s", ErrCurrency, a.Currency, b.Currency)
		return
	}
	return Amount{a.Minor + b.Minor, a.Currency}, nil
}

// Times multiplies.
func (a Amount) Times(n int) Amount { return Amount{a.Minor * int64(n), a.Currency} }

func (a Amount) String() string {
	return fmt.Sprintf("%d.%02d %s", a.Minor/100, a.Minor%100, a.Currency)
}

<?php
namespace Shop;

use Shop\Text;

final class Money
{
    private function __construct(private int $cents)
    {
    }

    public static function of(string $text): static
    {
        return new static(Text\parse($text));
    }

    public function plus(Money $other): self
    {
        return new self($this->cents + $other->cents);
    }

    public function times(int $many): self
    {
        return new self($this->cents * $many);
    }

    public function buy(Stock\Book $book, ?Stock\Size $size): string
    {
        $book->sell(1);

        return \Shop\Text\slug($book->name()) . $size?->value;
    }
}

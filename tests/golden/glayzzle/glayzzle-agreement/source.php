<?php

declare(strict_types=1);

namespace Shop\Stock;

use Countable;
use Shop\Money as Price;
use Shop\Events\{Dispatcher, Sold as SoldEvent};
use function Shop\Text\slug;
use const Shop\Text\LIMIT;

/** What has a price. */
interface Priced extends Countable
{
    const CURRENCY = 'EUR';

    public function price(): Price;
}

trait Named
{
    protected string $name = '';

    public function name(): string
    {
        return slug($this->name);
    }
}

enum Size: int implements \JsonSerializable
{
    case Small = 1;
    case Large = 2;

    public static function of(int $size): self
    {
        return $size > LIMIT ? self::Large : self::Small;
    }

    public function jsonSerialize(): mixed
    {
        return $this->value;
    }
}

/**
 * A thing on a shelf.
 *   It has a price.
 */
abstract class Item implements Priced
{
    use Named;

    private static ?Dispatcher $events = null;
    public readonly Size|int $size;

    public function __construct(protected Price $cost, private int $count = 0)
    {
        $this->size = Size::of($count);
    }

    abstract protected function tax(): Price;

    final public function sell(int $many): Price
    {
        if ($many > $this->count) {
            throw new OutOfStock($this->name());
        }
        $this->count -= $many;
        self::$events?->dispatch(new SoldEvent($this));

        return $this->price()->times($many);
    }
}

class OutOfStock extends \RuntimeException
{
}

final class Book extends Item
{
    public function price(): Price
    {
        $price = parent::price();
        $tax = $this->tax();

        return $price->plus($tax);
    }

    protected function tax(): Price
    {
        return Price::of(self::CURRENCY);
    }

    public function count(): int
    {
        return 1;
    }
}

function shelf(Item ...$items): array
{
    return array_map(static fn (Item $item) => $item->name(), $items);
}

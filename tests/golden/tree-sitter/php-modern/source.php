<?php
namespace App\Modern;

final readonly class Point
{
    public const int|float SCALE = 2.5;

    public function __construct(public int $x = 0, protected(set) ?Point $next = null)
    {
    }
}

abstract class Shape
{
    /** The name as it is shown. */
    public string $label {
        get => strtoupper($this->label);
        set(string $value) {
            $this->label = $value === '' ? throw new \ValueError('empty') : trim($value);
        }
    }

    public private(set) Point $origin;

    abstract public function area(): float|int;

    public function moved((A&B)|null $by): never
    {
        exit($this->origin->next?->x);
    }
}

namespace App\Other;

function second(): \App\Modern\Point
{
    return new \App\Modern\Point();
}

<?php
namespace App\Flow;

/** Decides. */
function decide(?int $n, array $all): string
{
    if ($n === null) {
        return 'none';
    } elseif ($n < 0 or $n > 9) {
        return 'out';
    } else if ($n % 2) {
        return 'odd';
    }
    for ($i = 0; $i < $n; $i++) {
        while ($i && $n || $all) {
            continue 2;
        }
    }
    do {
        $n--;
    } while ($n);
    switch ($n) {
        case 1:
        case 2:
            break;
        default:
            goto end;
    }
    try {
        $name = match (true) {
            $n > 1, $n < 0 => 'many',
            default => $all['name'] ?? 'few',
        };
    } catch (\TypeError | Wrong $error) {
        throw $error;
    } finally {
        $all = [];
    }
    end:
    return $name ?: 'x';
}

class Wrong extends \Exception
{
    protected const A = 1, B = 2;
    public $plain, $other = 2;
    var $old;
}

<h1>Éclair 🍰</h1>
<?php
require __DIR__ . '/setup.php';
include_once 'text.php';

const GREETING = "Grüße";

$names = ['a' => 1];
[$first, [, $second]] = [1, [2, 3]];
foreach ($names as $key => $value) {
    echo "$key: {$value}\n";
}

#[Route('/home', method: Verb::GET)]
function home($request, &...$rest)
{
    global $names;
    static $calls = 0;
    $calls++;
    $make = strlen(...);
    $handler = new class ($request) extends Page implements \Stringable {
        public function __toString(): string
        {
            return GREETING . PHP_EOL . self::class;
        }
    };
    $show = function (Page $page) use ($handler, &$calls): ?Page {
        return $page?->next ?? clone $handler;
    };
    list('x' => $x, 'y' => $handler->y) = $request->{$names[0]}();
    preg_match('/a/', $x, $found);
    $class = Page::class;
    $other = new $class(...$rest);
    if ($other instanceof Page && $found) {
        $names[] = namespace\helper($show($other), $_GET['q']);
    }
    return [$make, $other::LIMIT, $class::create(), \strlen('é')];
}

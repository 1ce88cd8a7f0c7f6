<?php
// Runs nikic/php-parser, 4 or 5, and writes its JSON as `php-parse --json-dump` does, but on one line.
// What to parse is in cases.json. Usage: php dump_php_parsers.php php-parser-4 path/to/autoload.php

use PhpParser\Lexer;
use PhpParser\ParserFactory;

[, $producer, $autoload] = $argv;
require $autoload;

if ($producer === 'php-parser-4') {
    $attributes = ['startLine', 'endLine', 'startFilePos', 'endFilePos', 'comments'];
    $lexer = new Lexer\Emulative(['usedAttributes' => $attributes]);
    $parser = (new ParserFactory())->create(ParserFactory::PREFER_PHP7, $lexer);
} else {
    $parser = (new ParserFactory())->createForNewestSupportedVersion();
}

$golden = dirname(__DIR__);
$cases = json_decode(file_get_contents(__DIR__ . '/cases.json'), true);
foreach ($cases['golden'] as ['dialect' => $dialect, 'case' => $case, 'producer' => $by, 'source' => $source]) {
    if ($by !== $producer) {
        continue;
    }
    $folder = "$golden/$dialect/$case";
    if (!is_dir($folder)) {
        mkdir($folder, 0777, true);
    }
    $text = file_get_contents(__DIR__ . "/sources/$source");
    file_put_contents("$folder/source.php", $text);
    file_put_contents("$folder/source.php.json", json_encode($parser->parse($text)) . "\n");
}

<?php
namespace Shop\Text;

const LIMIT = 10;

function slug(string $text): string
{
    return strtolower(\trim($text));
}

function parse(string $text): int
{
    return strlen(slug($text)) * LIMIT;
}

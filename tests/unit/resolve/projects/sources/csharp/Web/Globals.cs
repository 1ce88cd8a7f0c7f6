global using Shop.Tools;

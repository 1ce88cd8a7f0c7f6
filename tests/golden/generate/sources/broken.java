package com.example;
class Broken {
    void fine() { ok(); }
    int missing = 1
    void unclosed( { if (x) }
    class { }
}

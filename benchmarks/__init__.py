"""Workloads and measurements of Snake-Pipe; nothing here is installed."""

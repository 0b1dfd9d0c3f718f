"""Clients and measurements: what plays, loads and times the product from outside."""

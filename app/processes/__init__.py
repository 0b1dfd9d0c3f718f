"""How a process is put together and run: which objects each role consists of, its entry points and its shutdown."""

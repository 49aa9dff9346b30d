"""What programs that use the library may rely on."""

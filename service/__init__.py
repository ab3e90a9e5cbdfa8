"""Plumbline: how what people say lines up with what their organisation says it is for."""

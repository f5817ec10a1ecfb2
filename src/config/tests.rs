//! The file's path from text to `Config`: what is accepted, and every refusal with its place.

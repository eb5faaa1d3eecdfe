"""What was said: messages, and how what strangers write is made safe to show.  Pure."""

"""The organisation's recording devices: custody and clocks."""

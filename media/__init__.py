"""Pictures and sound: reading footage, writing reels, and the footage with known truth that tests stand on."""

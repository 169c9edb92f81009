"""Pages a browser gets from the server itself: where one has arrived, and the API's own description to try out.

Everything comes from this server: no third party learns that somebody looked.
"""

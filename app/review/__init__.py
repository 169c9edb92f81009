"""From a submitted visit to a published report that names nobody."""

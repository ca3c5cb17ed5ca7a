"""The wire format of requests and answers, a module for each part of the API."""

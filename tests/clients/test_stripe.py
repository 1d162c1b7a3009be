"""Stripe's own library, changed only in base URL and key."""

import stripe


def client(wharf) -> stripe.StripeClient:
    return stripe.StripeClient(
        wharf.token,
        base_addresses={"api": wharf.url("stripe")},
        max_network_retries=0,
    )


def test_create_read_and_list_customers(wharf):
    customers = client(wharf).v1.customers
    created = customers.create(params={"name": "Quay and Sons", "email": "quay@example.com"})
    read = customers.retrieve(created.id)
    listed = customers.list()
    assert (created.object, read.object, listed.object) == ("customer", "customer", "list")
    requests = wharf.expect_credential("stripe")
    # Only a stand-in with a memory can show what was written.
    if requests:
        assert (read.id, read.email) == (created.id, "quay@example.com")
        assert created.id in [customer.id for customer in listed.data]
        (write,) = [request for request in requests if request.line.startswith("POST ")]
        assert write.values("idempotency-key"), "the library's own key must reach the vendor"

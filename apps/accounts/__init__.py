"""Who a person is: the User, who is also the tenant."""

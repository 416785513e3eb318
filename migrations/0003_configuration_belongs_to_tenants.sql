-- Configuration belongs to a tenant that exists.
--
-- Why a step of its own: foreign keys to and among configuration tables must be droppable one by one (see
-- README.md). Money has none: each row of a gesture or an event would lock the tenant's row, which is what every
-- other batch does too.

alter table configurations
    add constraint configurations_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table agents
    add constraint agents_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table authorities
    add constraint authorities_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table catalog_items
    add constraint catalog_items_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table limits
    add constraint limits_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table maxima
    add constraint maxima_speak_of_a_limit
    foreign key (tenant_id, limit_id) references limits (tenant_id, limit_id);
alter table budgets
    add constraint budgets_are_limits
    foreign key (tenant_id, limit_id) references limits (tenant_id, limit_id);
alter table budget_paths
    add constraint budget_paths_lead_to_limits
    foreign key (tenant_id, limit_id) references limits (tenant_id, limit_id);
alter table rates
    add constraint rates_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table pauses
    add constraint pauses_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);

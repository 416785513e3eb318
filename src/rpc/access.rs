//! Method → roles, in one table. A method without a row is refused: deny is the default.

use crate::identity::Role::{self, Admin, Approver, Auditor, Follower, Fulfiller, Requester};

/// What a method demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anybody may call: it says nothing of any tenant.
    Open,
    /// One of these roles.
    Roles(&'static [Role]),
    /// One of these roles. Nobody looks at the roster before Postgres does, which decides with it at its instant.
    Deciding(&'static [Role]),
}

const READERS: &[Role] = &[Requester, Approver, Auditor, Admin];
/// Who reads the whole trail. The place that a consumer keeps there is the reader's own book-keeping.
const FOLLOWERS: &[Role] = &[Follower, Auditor, Admin];

/// Every method that may be called. `/package.Service/Method`.
const RULES: &[(&str, Rule)] = &[
    ("/grpc.health.v1.Health/Check", Rule::Open),
    ("/grpc.health.v1.Health/List", Rule::Open),
    ("/grpc.health.v1.Health/Watch", Rule::Open),
    (
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        Rule::Open,
    ),
    (
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        Rule::Open,
    ),
    (
        "/largesse.v1.ApprovalService/ApproveGesture",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/CreateDelegation",
        Rule::Roles(&[Approver, Admin]),
    ),
    (
        "/largesse.v1.ApprovalService/DecideGestures",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/DeclineGesture",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/GetApproval",
        Rule::Roles(&[Requester, Approver, Auditor]),
    ),
    (
        "/largesse.v1.ApprovalService/ListApprovals",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/ListDelegations",
        Rule::Roles(&[Approver, Auditor, Admin]),
    ),
    (
        "/largesse.v1.ApprovalService/ReassignApproval",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/ReturnGesture",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/ReviewGesture",
        Rule::Roles(&[Approver]),
    ),
    (
        "/largesse.v1.ApprovalService/RevokeDelegation",
        Rule::Roles(&[Approver, Admin]),
    ),
    (
        "/largesse.v1.ApprovalService/SetAway",
        Rule::Roles(&[Approver, Admin]),
    ),
    (
        "/largesse.v1.AuditService/GetTrail",
        Rule::Roles(&[Auditor, Admin]),
    ),
    (
        "/largesse.v1.AuthorityService/ApplyConfiguration",
        Rule::Roles(&[Admin]),
    ),
    (
        "/largesse.v1.AuthorityService/GetAuthority",
        Rule::Roles(READERS),
    ),
    (
        "/largesse.v1.AuthorityService/GetConfiguration",
        Rule::Roles(&[Admin, Auditor]),
    ),
    (
        "/largesse.v1.AuthorityService/ListAgents",
        Rule::Roles(&[Approver, Auditor, Admin]),
    ),
    (
        "/largesse.v1.AuthorityService/ListCatalogItems",
        Rule::Roles(READERS),
    ),
    (
        "/largesse.v1.AuthorityService/PauseGiving",
        Rule::Roles(&[Admin]),
    ),
    (
        "/largesse.v1.AuthorityService/PlanConfiguration",
        Rule::Roles(&[Admin, Auditor]),
    ),
    (
        "/largesse.v1.AuthorityService/PutAgents",
        Rule::Roles(&[Admin]),
    ),
    (
        "/largesse.v1.AuthorityService/SuspendAgent",
        Rule::Roles(&[Admin]),
    ),
    (
        "/largesse.v1.EventService/AckEvents",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/DeleteConsumer",
        Rule::Roles(&[Admin]),
    ),
    (
        "/largesse.v1.EventService/DropSetAside",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/LeaseConsumer",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/ListConsumers",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/ListEvents",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/ListSetAside",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/RetrySetAside",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/SetEventsAside",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.EventService/WatchEvents",
        Rule::Roles(FOLLOWERS),
    ),
    (
        "/largesse.v1.FulfilmentService/ExtendLease",
        Rule::Roles(&[Fulfiller]),
    ),
    (
        "/largesse.v1.FulfilmentService/LeaseTasks",
        Rule::Roles(&[Fulfiller]),
    ),
    (
        "/largesse.v1.FulfilmentService/ReportDelivered",
        Rule::Roles(&[Fulfiller]),
    ),
    (
        "/largesse.v1.FulfilmentService/ReportDispatched",
        Rule::Roles(&[Fulfiller]),
    ),
    (
        "/largesse.v1.FulfilmentService/ReportFailed",
        Rule::Roles(&[Fulfiller]),
    ),
    (
        "/largesse.v1.GestureService/AcceptCost",
        Rule::Roles(&[Requester, Approver]),
    ),
    (
        "/largesse.v1.GestureService/BatchGetGestures",
        Rule::Roles(READERS),
    ),
    (
        "/largesse.v1.GestureService/CancelGesture",
        Rule::Roles(&[Requester, Approver]),
    ),
    (
        "/largesse.v1.GestureService/CloseFollowUp",
        Rule::Roles(&[Requester, Approver]),
    ),
    (
        "/largesse.v1.GestureService/GetGesture",
        Rule::Roles(READERS),
    ),
    (
        "/largesse.v1.GestureService/ListFollowUps",
        Rule::Roles(&[Requester, Approver, Auditor]),
    ),
    (
        "/largesse.v1.GestureService/ListGestures",
        Rule::Roles(READERS),
    ),
    (
        "/largesse.v1.GestureService/PreviewGesture",
        Rule::Roles(&[Requester]),
    ),
    (
        "/largesse.v1.GestureService/RecordOutcome",
        Rule::Roles(&[Requester, Approver]),
    ),
    (
        "/largesse.v1.GestureService/RequestGesture",
        Rule::Deciding(&[Requester]),
    ),
    (
        "/largesse.v1.GestureService/ResolveRequest",
        Rule::Roles(&[Requester]),
    ),
    (
        "/largesse.v1.GestureService/ReviseGesture",
        Rule::Roles(&[Requester]),
    ),
];

/// The rule of a method; none: closed.
pub fn rule(path: &str) -> Option<Rule> {
    RULES
        .iter()
        .find(|(method, _)| *method == path)
        .map(|(_, rule)| *rule)
}

/// The same path as it stands in the table; none: no method of ours.
pub fn known(path: &str) -> Option<&'static str> {
    methods().find(|method| *method == path)
}

/// Every method of the table, for tests that compare it with the protos.
pub fn methods() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(method, _)| *method)
}

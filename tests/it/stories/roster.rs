//! Who may give: the roster is put in bulk, people are suspended and come back.

use largesse::pb::{Agent, AgentOverride, AgentType, ListAgentsRequest};

use crate::support::{
    DEMO, World, fact_of, flowers, money, no, reason_of, violations, wrongs, yes,
};

fn newcomer(id: &str) -> Agent {
    Agent {
        id: id.into(),
        r#type: AgentType::Human.into(),
        level: "frontline".into(),
        manager: "ld-201".into(),
        budget: "care-berlin".into(),
        ..Default::default()
    }
}

async fn listed(world: &World) -> Vec<(String, bool)> {
    let roster = world.admin().await.roster().await.unwrap();
    roster
        .into_iter()
        .map(|agent| (agent.id, agent.suspended))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn newcomers_give_as_soon_as_they_are_put() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    // a lead who is only put beside, after those who name them
    let team: Vec<Agent> = (0..300)
        .map(|number| Agent {
            manager: "ld-999".into(),
            ..newcomer(&format!("nw-{number:03}"))
        })
        .chain([Agent {
            level: "lead".into(),
            ..newcomer("ld-999")
        }])
        .collect();
    assert_eq!(admin.put_agents(team, Some(1)).await.unwrap(), 2);
    let given = world.agent("nw-299").await.asks(flowers("ida", 4500)).await;
    assert_eq!(given, yes());
    let mut found = Vec::new();
    let mut request = ListAgentsRequest {
        page_size: 100,
        ..Default::default()
    };
    loop {
        let page = admin
            .authority
            .list_agents(request.clone())
            .await
            .unwrap()
            .into_inner();
        found.extend(page.agents.into_iter().map(|agent| agent.id));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found.len(), 306);
    assert!(found.is_sorted(), "by id");
    let in_force = admin.configuration(None).await.unwrap();
    assert!(
        in_force.document.contains("id: nw-299"),
        "the document in force names them"
    );
    assert_eq!(
        admin.plan(&in_force.document).await.unwrap().change_count,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_mistakes_names_all_of_them_and_puts_nobody() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let before = world.rows().await;
    let overriding = |limit: &str, minor_units: i64, currency: &str| AgentOverride {
        limit: limit.into(),
        amount: money(minor_units, currency),
        ..Default::default()
    };
    let bad = vec![
        Agent {
            level: "frontlin".into(),
            ..newcomer("a")
        },
        Agent {
            budget: String::new(),
            ..newcomer("b")
        },
        Agent {
            manager: "nobody".into(),
            ..newcomer("c")
        },
        Agent {
            id: "two words".into(),
            ..newcomer("d")
        },
        Agent {
            overrides: vec![overriding("agent-mont", 100, "EUR")],
            ..newcomer("e")
        },
        Agent {
            overrides: vec![overriding("agent-gesture", 50_001, "EUR")],
            ..newcomer("f")
        },
        Agent {
            overrides: vec![overriding("agent-gesture", 100, "USD")],
            ..newcomer("g")
        },
        Agent {
            own_customer_ids: vec!["".into()],
            ..newcomer("h")
        },
        newcomer("a"),
        newcomer("z"),
    ];
    let refused = admin.put_agents(bad, None).await.unwrap_err();
    let fields: Vec<String> = violations(&refused)
        .into_iter()
        .map(|told| told.field)
        .collect();
    for field in [
        "agents[0].level",
        "agents[1].budget",
        "agents[2].manager",
        "agents[3].id",
        "agents[4].overrides[0].limit",
        "agents[5].overrides[0].amount",
        "agents[6].overrides[0].amount",
        "agents[7].own_customer_ids[0]",
    ] {
        assert!(
            fields.iter().any(|told| told == field),
            "{field}: {fields:?}"
        );
    }
    assert_eq!(fields.len(), 8, "{fields:?}");

    let twice = admin
        .put_agents(vec![newcomer("a"), newcomer("a")], None)
        .await
        .unwrap_err();
    assert!(
        violations(&twice)[0].field.starts_with("agents[1]"),
        "{twice:?}"
    );
    let circle = vec![
        Agent {
            manager: "b".into(),
            ..newcomer("a")
        },
        Agent {
            manager: "a".into(),
            ..newcomer("b")
        },
    ];
    let refused = admin.put_agents(circle, None).await.unwrap_err();
    assert_eq!(violations(&refused)[0].reason, "DOCUMENT_MISTAKE");
    assert!(
        violations(&refused)[0].field.ends_with("manager"),
        "{refused:?}"
    );
    let refused = admin.put_agents(Vec::new(), None).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["agents OUT_OF_RANGE"]);
    let suspended = Agent {
        suspended: true,
        ..newcomer("a")
    };
    let refused = admin.put_agents(vec![suspended], None).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["agents[0].suspended OUTPUT_ONLY"]);
    let refused = admin
        .put_agents(vec![newcomer("a")], Some(7))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&refused), "VERSION_STALE");
    assert_eq!(
        (
            fact_of(&refused, "expected_version"),
            fact_of(&refused, "version")
        ),
        ("7".into(), "1".into())
    );
    assert_eq!(world.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn suspending_acts_at_once_and_no_document_undoes_it() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-101").await);
    let done = admin.suspend("fl-101", true).await.unwrap();
    assert!(done.changed && done.agent.unwrap().suspended);
    assert!(
        !admin.suspend("fl-101", true).await.unwrap().changed,
        "it was so already"
    );
    assert_eq!(
        agent.asks(flowers("ida", 4500)).await,
        no(&["AGENT_SUSPENDED"])
    );
    admin.apply(DEMO, 1).await.unwrap();
    admin
        .put_agents(vec![newcomer("fl-101")], None)
        .await
        .unwrap();
    assert_eq!(
        agent.asks(flowers("ida", 4500)).await,
        no(&["AGENT_SUSPENDED"])
    );
    assert!(admin.suspend("fl-101", false).await.unwrap().changed);
    assert_eq!(agent.asks(flowers("ida", 4500)).await, yes());
    let refused = admin.suspend("fl-999", true).await.unwrap_err();
    assert_eq!(reason_of(&refused), "AGENT_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_document_leaves_out_is_suspended_and_one_without_agents_leaves_everybody() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-102").await);
    let (rules, _) = DEMO.split_once("\nagents:").unwrap();
    assert!(admin.plan(rules).await.unwrap().changes.is_empty());
    admin.apply(rules, 1).await.unwrap();
    assert_eq!(
        agent.asks(flowers("ida", 4500)).await,
        yes(),
        "nobody was named, everybody stays"
    );

    let fewer: String = DEMO
        .lines()
        .filter(|line| !line.starts_with("- {id: fl-102"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(
        admin.plan(&fewer).await.unwrap().suspended_agent_ids,
        ["fl-102"]
    );
    admin.apply(&fewer, 2).await.unwrap();
    assert_eq!(
        agent.asks(flowers("ida", 4500)).await.1[0],
        "AGENT_SUSPENDED"
    );
    assert!(listed(&world).await.contains(&("fl-102".into(), true)));
    let refused = admin.suspend("fl-102", false).await.unwrap_err();
    assert_eq!(reason_of(&refused), "AGENT_LEFT", "{refused:?}");
    assert_eq!(fact_of(&refused, "agent_id"), "fl-102");
    admin
        .put_agents(vec![newcomer("fl-102")], None)
        .await
        .unwrap();
    assert_eq!(agent.asks(flowers("otto", 4500)).await, yes(), "back again");
    admin.apply(&fewer, 4).await.unwrap();
    admin.apply(DEMO, 5).await.unwrap();
    assert_eq!(agent.asks(flowers("nina", 4500)).await, yes());
}

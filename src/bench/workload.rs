//! What the n-th request of a workload is. Pure and seeded, so that two runs ask the same.

/// What is asked, by whom and how often the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Workload {
    /// One tenant with 500 budgets, 10,000 agents and 200,000 customers: hardly anybody meets
    Spread,
    /// The same people, and one budget for all of them
    Hot,
    /// Twenty tenants that share these people and budgets
    Tenants,
    /// As spread; 20 % beyond the agent's authority and then approved, 5 % refused by a budget, 10 % asked twice, 5 % cancelled
    Mixed,
    /// One budget, which runs out at once and stays so
    Dry,
}

impl Workload {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Hot => "hot",
            Self::Tenants => "tenants",
            Self::Mixed => "mixed",
            Self::Dry => "dry",
        }
    }

    /// How many of everything it has, where `people` is the size.
    #[must_use]
    pub fn shape(self, people: People, limits: u8) -> Shape {
        let tenants = if self == Self::Tenants {
            people.tenants
        } else {
            1
        };
        let has_one_budget = matches!(self, Self::Hot | Self::Dry);
        Shape {
            tenants,
            budgets: if has_one_budget {
                1
            } else {
                people.budgets.div_ceil(tenants)
            },
            agents: people.agents.div_ceil(tenants),
            customers: people.customers.div_ceil(tenants),
            limits,
            is_dry: self == Self::Dry,
        }
    }
}

/// How many people and budgets there are in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct People {
    /// Tenants of the workload that has several.
    pub tenants: u32,
    /// Budgets of the workloads that have several.
    pub budgets: u32,
    /// Agents.
    pub agents: u32,
    /// Customers.
    pub customers: u32,
}

impl People {
    /// The size that figures are quoted for.
    pub const ORDINARY: Self = Self {
        tenants: 20,
        budgets: 500,
        agents: 10_000,
        customers: 200_000,
    };
    /// The size of a short run.
    pub const FEW: Self = Self {
        tenants: 4,
        budgets: 40,
        agents: 400,
        customers: 20_000,
    };
}

/// What one tenant of a workload holds, and how many of these there are. Equal shapes share a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Shape {
    /// Tenants.
    pub tenants: u32,
    /// Budgets of each.
    pub budgets: u32,
    /// Agents of each, beside the leads.
    pub agents: u32,
    /// Customers of each.
    pub customers: u32,
    /// Counters that one gesture charges: 1, 3 or 5.
    pub limits: u8,
    /// Whether the budget is soon used up.
    pub is_dry: bool,
}

/// How an answer must turn out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Given.
    Approved,
    /// A question for the lead.
    Asked,
    /// Not given, whoever is asked.
    Refused,
    /// Given for as long as there is something left, then refused.
    ApprovedOrRefused,
}

/// What happens to a gesture once its request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// The same request again.
    Replay,
    /// It is cancelled.
    Cancel,
    /// The lead says yes.
    Approve,
}

/// One request, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Of which tenant.
    pub tenant: u32,
    /// Which agent asks.
    pub agent: u32,
    /// For which customer.
    pub customer: u32,
    /// How much, in cents.
    pub minor: i64,
    /// Whether the budget is named that has nothing left.
    pub is_from_spent_budget: bool,
    /// How it must turn out.
    pub expected: Expected,
    /// What follows.
    pub then: Then,
}

/// The most that an agent gives alone, in cents.
pub const ALONE_MAX_MINOR: i64 = 6_000;
/// What is asked beyond it.
const BEYOND_MINOR: i64 = 7_500;

/// The n-th request of a workload with this seed.
#[must_use]
pub fn wish(workload: Workload, shape: &Shape, seed: u64, n: u64) -> Wish {
    let mut draw = Draw::new(seed, n);
    let mut wish = Wish {
        tenant: draw.below(shape.tenants),
        agent: draw.below(shape.agents),
        customer: draw.below(shape.customers),
        minor: 1_000 + i64::from(draw.below(40)) * 100,
        is_from_spent_budget: false,
        expected: match workload {
            Workload::Dry => Expected::ApprovedOrRefused,
            _ => Expected::Approved,
        },
        then: Then::Nothing,
    };
    if workload == Workload::Mixed {
        mix(&mut wish, draw.below(100));
    }
    wish
}

fn mix(wish: &mut Wish, percent: u32) {
    match percent {
        0..20 => {
            wish.minor = BEYOND_MINOR;
            wish.expected = Expected::Asked;
            wish.then = Then::Approve;
        }
        20..25 => {
            wish.is_from_spent_budget = true;
            wish.expected = Expected::Refused;
        }
        25..35 => wish.then = Then::Replay,
        35..40 => wish.then = Then::Cancel,
        _ => {}
    }
}

/// Numbers that look drawn and follow from seed and place alone (splitmix64).
struct Draw(u64);

impl Draw {
    fn new(seed: u64, n: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly among `0..bound`; the bias of the product is below one in a million for what is drawn here.
    fn below(&mut self, bound: u32) -> u32 {
        let product = u128::from(self.next()) * u128::from(bound.max(1));
        u32::try_from(product >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 20_000;

    fn wishes(workload: Workload) -> Vec<Wish> {
        let shape = workload.shape(People::FEW, 3);
        (0..N).map(|n| wish(workload, &shape, 7, n)).collect()
    }

    fn share(wishes: &[Wish], is_meant: impl Fn(&&Wish) -> bool) -> f64 {
        wishes.iter().filter(is_meant).count() as f64 / wishes.len() as f64
    }

    #[test]
    fn the_same_seed_asks_the_same() {
        let shape = Workload::Mixed.shape(People::FEW, 3);
        assert_eq!(wishes(Workload::Mixed), wishes(Workload::Mixed));
        assert_ne!(
            (0..9)
                .map(|n| wish(Workload::Mixed, &shape, 7, n))
                .collect::<Vec<_>>(),
            (0..9)
                .map(|n| wish(Workload::Mixed, &shape, 8, n))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn everybody_asks_about_as_often() {
        let wishes = wishes(Workload::Spread);
        let mut asked = vec![0; People::FEW.agents as usize];
        for wish in &wishes {
            asked[wish.agent as usize] += 1;
        }
        let (least, most) = (asked.iter().min().unwrap(), asked.iter().max().unwrap());
        assert!(
            *least > 20 && *most < 90,
            "{least} to {most}, and 50 on average"
        );
    }

    #[test]
    fn the_mixture_is_as_it_says() {
        let wishes = wishes(Workload::Mixed);
        let near = |share: f64, percent: f64| (share * 100.0 - percent).abs() < 1.0;
        assert!(near(
            share(&wishes, |wish| wish.then == Then::Approve),
            20.0
        ));
        assert!(near(share(&wishes, |wish| wish.is_from_spent_budget), 5.0));
        assert!(near(share(&wishes, |wish| wish.then == Then::Replay), 10.0));
        assert!(near(share(&wishes, |wish| wish.then == Then::Cancel), 5.0));
        let beyond = |wish: &&Wish| wish.minor > ALONE_MAX_MINOR;
        assert!(
            wishes
                .iter()
                .filter(beyond)
                .all(|wish| wish.expected == Expected::Asked)
        );
    }

    #[test]
    fn a_hot_budget_is_one_and_tenants_divide_the_people() {
        assert_eq!(Workload::Hot.shape(People::ORDINARY, 1).budgets, 1);
        let shape = Workload::Tenants.shape(People::ORDINARY, 5);
        assert_eq!((shape.tenants, shape.budgets, shape.agents), (20, 25, 500));
        let tenants = wishes(Workload::Tenants)
            .iter()
            .map(|wish| wish.tenant)
            .max();
        assert_eq!(tenants, Some(People::FEW.tenants - 1));
    }
}

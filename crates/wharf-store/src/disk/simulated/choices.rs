//! Every sequence of choices, one after the other.

/// Counts through all sequences of choices that a function makes, as a clock with wheels of
/// different sizes does.
#[derive(Debug, Default)]
pub(crate) struct EveryChoice {
    /// What was chosen, of how many ways.
    wheels: Vec<(usize, usize)>,
    at: usize,
}

impl EveryChoice {
    /// The next choice of the sequence under way.
    pub(crate) fn choose(&mut self, ways: usize) -> usize {
        if self.at == self.wheels.len() {
            self.wheels.push((0, ways));
        }
        let (chosen, of) = self.wheels[self.at];
        assert_eq!(of, ways, "the same choices lead to the same place");
        self.at += 1;
        chosen
    }

    /// Goes on to the next sequence, or says that there is none.
    pub(crate) fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((chosen, ways)) = self.wheels.pop() {
            if chosen + 1 < ways {
                self.wheels.push((chosen + 1, ways));
                return true;
            }
        }
        false
    }
}

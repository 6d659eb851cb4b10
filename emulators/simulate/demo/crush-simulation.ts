/** What is uncertain in the sample crush-margin workbook, what moves together, and which cells matter. */
export const crushSimulation = {
  inputs: [
    { cell: 'Utilisation', distribution: 'pert(0.8, 0.93, 0.98)' },
    { cell: 'Meal_yield', distribution: 'triangular(0.0214, 0.022, 0.0224)' },
    { cell: 'Oil_yield', distribution: 'pert(10.4, 11.1, 11.8)' },
    { cell: 'Bean_basis', distribution: 'triangular(0.1, 0.35, 0.8)' },
    { cell: 'Beans_shock', distribution: 'normal(0, 1)' },
    { cell: 'Meal_shock', distribution: 'normal(0, 1)' },
    { cell: 'Oil_shock', distribution: 'normal(0, 1)' },
    // Gas returns to 3.60 $/MMBtu within half a year.
    { cell: 'Curve!F5:F16', distribution: 'schwartz(4.1, 2.2, 1.28, 0.45, 1/12)' },
  ],
  correlations: [
    { first: 'Beans_shock', second: 'Meal_shock', rank: 0.78 },
    { first: 'Beans_shock', second: 'Oil_shock', rank: 0.62 },
    { first: 'Meal_shock', second: 'Oil_shock', rank: 0.2 },
  ],
  outputs: ['Margin!L18', 'Margin!L19', 'Margin!L5:L16'],
} as const;

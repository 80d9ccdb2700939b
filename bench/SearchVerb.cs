using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Bench;

/// <summary><c>search</c>: median regret of the searches on standard test functions, 50 trials, 20 seeds.</summary>
internal static class SearchVerb
{
    private const int Trials = 50, Seeds = 20;

    private static readonly double[,] HartmannA =
    {
        { 10, 3, 17, 3.5, 1.7, 8 }, { 0.05, 10, 17, 0.1, 8, 14 }, { 3, 3.5, 1.7, 10, 17, 8 }, { 17, 8, 0.05, 10, 0.1, 14 },
    };

    private static readonly double[,] HartmannP =
    {
        { 0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886 }, { 0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991 },
        { 0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650 }, { 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381 },
    };

    private static readonly ImmutableArray<(string Name, ImmutableArray<ParameterSpec> Space, Func<double[], double> Value, double Minimum)> Functions =
    [
        ("Branin (2)", [new FloatParameter("x0", -5, 10), new FloatParameter("x1", 0, 15)], Branin, 0.39788735772973816),
        ("Hartmann (6)", Cube(6, 0, 1), Hartmann, -3.32236801141551),
        ("Rosenbrock (4)", Cube(4, -2, 2), Rosenbrock, 0),
        ("Ackley (5)", Cube(5, -32, 32), Ackley, 0),
        ("Sphere (3)", Cube(3, -5, 5), x => x.Sum(v => v * v), 0),
        ("Levy (4)", Cube(4, -10, 10), Levy, 0),
        ("Log bowl (2)", [new FloatParameter("x0", 1e-6, 1, Log: true), new FloatParameter("x1", 1e-6, 1, Log: true)], LogBowl, 0),
        ("Mixed: choice, int, log", [Choice("x0", 4), new IntParameter("x1", 1, 32), new FloatParameter("x2", 1e-5, 1e-1, Log: true)], Mixed, 0),
    ];

    public static int Run()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Median of the regret (value reached - minimum) after {Trials} trials over {Seeds} seeds, one trial at a time; in brackets the seeds in which TPE beat random."));
        Console.WriteLine($"{"function (dimensions)",-26} {"random",10} {"Sobol",10} {"TPE",10} {"TPE, 4 at once",15}  wins");
        foreach (var (name, space, value, minimum) in Functions)
        {
            var (random, tpe) = (Regrets(SearchKind.Random, 1), Regrets(SearchKind.Tpe, 1));
            var wins = random.Zip(tpe).Count(pair => pair.Second < pair.First);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-26} {Median(random),10:G3} {Median(Regrets(SearchKind.Sobol, 1)),10:G3} {Median(tpe),10:G3} {Median(Regrets(SearchKind.Tpe, 4)),15:G3}  ({wins} of {Seeds})"));

            List<double> Regrets(SearchKind kind, int slots) => [.. Enumerable.Range(1, Seeds).Select(seed => Best(space, value, kind, seed, slots) - minimum)];
        }

        return 0;
    }

    private static double Best(ImmutableArray<ParameterSpec> space, Func<double[], double> value, SearchKind kind, int seed, int slots)
    {
        var spec = new SweepSpec("bench", "none", space, new SearchSpec(kind, Trials, seed), new Objective("value", Maximize: false));
        var (ended, _) = SearchSimulation.Run(spec, point => value([.. space.Select(axis => point[axis.Name].AsFloat)]), slots);
        return ended.Min(trial => trial.Objective!.Value);
    }

    private static double Median(List<double> values) => (values.Order().ElementAt((values.Count - 1) / 2) + values.Order().ElementAt(values.Count / 2)) / 2;

    private static ImmutableArray<ParameterSpec> Cube(int dimensions, double min, double max) =>
        [.. Enumerable.Range(0, dimensions).Select(i => new FloatParameter($"x{i}", min, max))];

    private static ChoiceParameter Choice(string name, int choices) => new(name, [.. Enumerable.Range(0, choices).Select(i => ParameterValue.Of((long)i))]);

    private static double Branin(double[] x)
    {
        var (b, c, t) = (5.1 / (4 * Math.PI * Math.PI), 5 / Math.PI, 1 / (8 * Math.PI));
        return Math.Pow(x[1] - (b * x[0] * x[0]) + (c * x[0]) - 6, 2) + (10 * (1 - t) * Math.Cos(x[0])) + 10;
    }

    private static double Hartmann(double[] x)
    {
        double[] alpha = [1.0, 1.2, 3.0, 3.2];
        return -Enumerable.Range(0, 4).Sum(i => alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => HartmannA[i, j] * Math.Pow(x[j] - HartmannP[i, j], 2))));
    }

    private static double Rosenbrock(double[] x) => Enumerable.Range(0, x.Length - 1).Sum(i => (100 * Math.Pow(x[i + 1] - (x[i] * x[i]), 2)) + Math.Pow(1 - x[i], 2));

    private static double Ackley(double[] x) =>
        (-20 * Math.Exp(-0.2 * Math.Sqrt(x.Average(v => v * v)))) - Math.Exp(x.Average(v => Math.Cos(2 * Math.PI * v))) + 20 + Math.E;

    private static double Levy(double[] x)
    {
        var w = x.Select(v => 1 + ((v - 1) / 4)).ToArray();
        return Math.Pow(Math.Sin(Math.PI * w[0]), 2)
            + w.SkipLast(1).Sum(v => Math.Pow(v - 1, 2) * (1 + (10 * Math.Pow(Math.Sin((Math.PI * v) + 1), 2))))
            + (Math.Pow(w[^1] - 1, 2) * (1 + Math.Pow(Math.Sin(2 * Math.PI * w[^1]), 2)));
    }

    /// <summary>As of a learning rate and a weight decay: best at 1e-3 and 1e-4.</summary>
    private static double LogBowl(double[] x) => Math.Pow(Math.Log10(x[0]) + 3, 2) + Math.Pow(Math.Log10(x[1]) + 4, 2);

    /// <summary>Best, 0, with the third choice, at 8 and at 1e-3.</summary>
    private static double Mixed(double[] x) => new[] { 2.0, 1, 0, 3 }[(int)x[0]] + Math.Pow((x[1] - 8) / 8, 2) + Math.Pow(Math.Log10(x[2]) + 3, 2);
}

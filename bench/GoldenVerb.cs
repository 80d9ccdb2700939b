using System.Globalization;
using MlTr.Bench.GoldenFiles;
using MlTr.Model.Native;

namespace MlTr.Bench;

/// <summary><c>golden FOLDER</c>: the largest error of each part of a golden folder.</summary>
internal static class GoldenVerb
{
    /// <returns>0 if everything agrees, 1 if something does not or the folder cannot be read.</returns>
    public static int Run(string folder)
    {
        try
        {
            NativeTorch.EnsureLoaded();
            using var golden = new GoldenFolder(folder);
            return Compare(golden) ? 0 : 1;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or NativeTorchException)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static bool Compare(GoldenFolder golden)
    {
        var (worst, agree) = (0.0, true);
        Console.WriteLine($"{"part",-28} {"compared",9} {"largest error",14}  where");
        foreach (var part in GoldenComparison.PartsOf(golden))
        {
            var results = part.TryCompare(out var problem);
            if (problem is not null)
            {
                agree = false;
                Console.WriteLine($"{part.Name,-28} cannot be compared: {problem}");
                continue;
            }

            var largest = results.MaxBy(result => result.Error / Math.Max(result.Tolerance, 1e-12))!;
            agree &= results.All(result => result.Agrees);
            worst = Math.Max(worst, largest.Error);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{part.Name,-28} {results.Count,9} {largest.Error,14:G3}  {largest.Name}{(largest.Agrees ? "" : $": more than {largest.Tolerance:G1}")}"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{(agree ? "Everything agrees" : "There are differences")}: |ours - recorded| / (1 + |recorded|) is {worst:G3} at most."));
        return agree;
    }
}

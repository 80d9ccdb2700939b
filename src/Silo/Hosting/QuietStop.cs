namespace MlTr.Silo.Hosting;

/// <summary>
/// What Orleans says while its host stops is about connections that are being closed on both sides, with pages of stack traces: nobody can do
/// anything about it. Only what is critical is let through then.
/// </summary>
internal sealed class QuietStop
{
    private volatile bool _isStopping;

    // What loses its silo says so: the grains of a sweep too, which go on from the store at the next start.
    private static readonly string[] Noisy = ["Orleans.", "Polly", "MlTr.Grains.Sweeps."];

    public void Begin() => _isStopping = true;

    public void Apply(LoggerFilterOptions options)
    {
        if (options.Rules.Count == 0)
        {
            options.Rules.Add(new LoggerFilterRule(null, null, null, null));
        }

        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                (rule.Filter?.Invoke(provider, category, level) ?? true) && !IsNoise(category, level));
        }
    }

    private bool IsNoise(string? category, LogLevel level) => _isStopping && level < LogLevel.Critical && Noisy.Any(prefix => category?.StartsWith(prefix, StringComparison.Ordinal) == true);
}

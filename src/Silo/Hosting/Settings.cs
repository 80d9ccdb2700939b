namespace MlTr.Silo.Hosting;

/// <summary>Where settings come from: appsettings.json beside the program, then MLTR__ in the environment, then the command line.</summary>
internal static class Settings
{
    public const string EnvironmentPrefix = "MLTR__";

    public static void AddPlatformSettings(this IConfigurationBuilder configuration, IReadOnlyDictionary<string, string?> commandLine)
    {
        configuration.Sources.Clear();
        configuration
            .SetBasePath(AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables(EnvironmentPrefix)
            .AddInMemoryCollection(commandLine);
    }

    /// <summary>The platform's own options, checked.</summary>
    /// <exception cref="PlatformException">Something is wrong with them.</exception>
    public static PlatformOptions ReadPlatform(this IConfiguration configuration)
    {
        PlatformOptions options;
        try
        {
            options = configuration.GetSection(PlatformOptions.Section).Get<PlatformOptions>() ?? new PlatformOptions();
        }
        catch (InvalidOperationException error)
        {
            throw new PlatformException($"The settings are wrong: {error.Message}", error);
        }

        if (configuration["Logging:LogLevel:Default"] is { } level && !Enum.TryParse<LogLevel>(level, ignoreCase: true, out _))
        {
            throw new PlatformException($"There is no log level '{level}': use trace, debug, information, warning or error.");
        }

        return options.Check() is { } wrong ? throw new PlatformException(wrong) : options;
    }

    /// <summary>The level from which on log lines go to the standard error; unset, all go to the standard output.</summary>
    public const string LogsToErrors = "Logging:Console:LogToStandardErrorThreshold";

    public static void AddPlatformLogging(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.ClearProviders();
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddSimpleConsole();
    }
}

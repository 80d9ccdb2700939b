using MudBlazor;

namespace MlTr.Dashboard.Shared;

internal static class SnackbarExtensions
{
    /// <summary>Does what a person asked for; if it fails, says what was not done and why.</summary>
    /// <returns>Whether it was done.</returns>
    public static async Task<bool> TryAsync(this ISnackbar snackbar, string otherwise, Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception failure)
        {
            snackbar.Add($"{otherwise}: {failure.Message}", Severity.Error);
            return false;
        }
    }
}

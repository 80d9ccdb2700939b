using MlTr.Grains.Datasets;
using MlTr.Grains.Models;
using MlTr.Grains.Predictions;
using MlTr.Silo.Datasets;
using MlTr.Silo.Models;
using MlTr.Silo.Predictions;

namespace MlTr.Silo.Hosting;

/// <summary>What the control process needs to look into datasets and trials for people.</summary>
internal static class PagesHosting
{
    public static IServiceCollection AddInsight(this IServiceCollection services) => services
        .AddSingleton<OpenSets>()
        .AddSingleton<IDatasetBrowser, ModelDatasetBrowser>()
        .AddSingleton<ITrialPredictor, ModelTrialPredictor>()
        .AddSingleton<IModelFiles, ModelFiles>();
}

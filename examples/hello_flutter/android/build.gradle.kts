// Settings of all Gradle modules: where libraries come from, and one build folder beside pubspec.yaml,
// which is where Flutter looks for the finished app.
allprojects {
    repositories {
        google()
        mavenCentral()
    }
}

val flutterBuild: Directory = rootProject.layout.buildDirectory.dir("../../build").get()
rootProject.layout.buildDirectory.value(flutterBuild)

subprojects {
    layout.buildDirectory.value(flutterBuild.dir(name))
    evaluationDependsOn(":app")
}

tasks.register<Delete>("clean") {
    delete(rootProject.layout.buildDirectory)
}

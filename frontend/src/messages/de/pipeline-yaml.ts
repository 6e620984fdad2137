/** German words of `en/pipeline-yaml`. */
import type { pipelineYaml as English } from "../en/pipeline-yaml";

export const pipelineYaml: typeof English = {
  mode: "Einstellungen bearbeiten als",
  form: "Formular",
  yaml: "YAML",
  title: "Was gebaut wird",
  help: "Die Einstellungen als .oore.yaml der Version 1. Die Instanz behält den Inhalt, nicht den Text: Kommentare gehen beim Speichern verloren.",
  loading: "Lädt den Editor …",
  notLoaded:
    "Der Editor konnte nicht geladen werden. Verbindung prüfen, erneut versuchen oder die Seite neu laden.",
  tooMuch: "Der Text steht für mehr, als hier gelesen werden kann: Die Aliase (*name) ansehen.",
  twoUnsaved:
    "Version 2 lässt sich hier weder speichern noch als Formular zeigen. Ins Repository committen oder zu den Einstellungen zurück.",
  notValid: "Der Text hat Fehler und blieb deshalb, wie er war. Zuerst das Markierte berichtigen.",
  beyondForm: (paths) =>
    `Das Formular hat einen Eintrag je Zeile und kann ${paths} nicht zeigen: Ein Eintrag hat mehrere Zeilen oder Leerzeichen am Rand. Als YAML bearbeiten.`,
  changedMeanwhile: "Jemand hat diese Pipeline inzwischen geändert",
  changedMeanwhileText: "Speichern ersetzt alle Einstellungen, auch die der anderen Person.",
  takeTheirs: "Neu laden und meine Änderungen verlieren",
  keepMine: "Meine behalten",
  inText: (count) => (count === 1 ? "Ein Problem im YAML." : `${count} Probleme im YAML.`),
};
